"""What the slots of frames.txt are filled with: Chinese and English of the same thing. Names are made up."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "trivium-mini-chat"))

from lexicon import CITIES, COUNTRIES, DEPARTMENTS, LANGUAGES, MEASURES, MONTHS, PRODUCTS, THINGS, TOPICS  # noqa: E402


def _pairs(text: str) -> list[tuple[str, str]]:
    return [tuple(part.strip().split(" ", 1)) for part in text.replace("\n", ";").split(";") if part.strip()]


MORE_PRODUCTS = _pairs("""洗衣机 washing machine;冰箱 fridge;电视 television;空调 air conditioner;微波炉 microwave;吹风机 hair dryer;剃须刀 razor;牙刷 toothbrush
牙膏 toothpaste;香皂 soap;枕头 pillow;床垫 mattress;被子 quilt;窗帘 curtain;地毯 carpet;沙发 sofa;衣柜 wardrobe;书架 bookshelf;镜子 mirror;时钟 clock
剪刀 scissors;胶带 adhesive tape;订书机 stapler;笔记本 notebook;铅笔 pencil;橡皮 eraser;计算器 calculator;文件夹 folder;信封 envelope;白板 whiteboard
衬衫 shirt;裤子 trousers;裙子 skirt;帽子 hat;手套 gloves;围巾 scarf;袜子 socks;皮鞋 leather shoes;靴子 boots;泳衣 swimsuit;眼镜 glasses;太阳镜 sunglasses
戒指 ring;项链 necklace;钱包 wallet;手提包 handbag;香水 perfume;口红 lipstick;锅 pot;刀 knife;盘子 plate;杯子 cup;筷子 chopsticks;水壶 kettle;烤箱 oven;风扇 fan;灯泡 light bulb
电池 battery;充电器 charger;音箱 speaker;麦克风 microphone;扫描仪 scanner;游戏机 game console;遥控器 remote control;锤子 hammer;梯子 ladder;油漆 paint;水管 hose;锁 lock;钥匙 key
篮球 basketball;足球 football;网球拍 tennis racket;滑板 skateboard;头盔 helmet;鱼竿 fishing rod;睡袋 sleeping bag;婴儿车 pram;尿布 nappies;积木 building blocks;拼图 jigsaw;小提琴 violin;鼓 drum
花瓶 vase;蜡烛 candle;日历 calendar;地图 map;词典 dictionary;电饼铛 griddle;榨汁机 juicer;吸尘器 vacuum cleaner;熨斗 iron;加湿器 humidifier;体重秤 scales;温度计 thermometer;创可贴 plasters""")
SLOTS: dict[str, list[tuple[str, str]]] = {
    "product": PRODUCTS + MORE_PRODUCTS,
    "city": CITIES + _pairs("香港 Hong Kong;台北 Taipei;新加坡 Singapore;曼谷 Bangkok;纽约 New York;旧金山 San Francisco;洛杉矶 Los Angeles;莫斯科 Moscow;米兰 Milan;阿姆斯特丹 Amsterdam;布拉格 Prague;雅典 Athens;开罗 Cairo;孟买 Mumbai;大阪 Osaka;慕尼黑 Munich;日内瓦 Geneva;都柏林 Dublin;哈尔滨 Harbin;沈阳 Shenyang;三亚 Sanya;拉萨 Lhasa;桂林 Guilin"),
    "country": COUNTRIES + _pairs("荷兰 the Netherlands;瑞士 Switzerland;波兰 Poland;葡萄牙 Portugal;新西兰 New Zealand;马来西亚 Malaysia;南非 South Africa;智利 Chile;丹麦 Denmark;芬兰 Finland;爱尔兰 Ireland;奥地利 Austria;印度尼西亚 Indonesia;菲律宾 the Philippines"),
    "department": DEPARTMENTS,
    "month": MONTHS,
    "measure": MEASURES + _pairs("收入 revenue;市场份额 market share;库存 inventory;客户数 customers;投诉量 complaints;产量 output;出口额 exports;员工人数 headcount;能耗 energy use;下载量 downloads"),
    "language": LANGUAGES + _pairs("意大利语 Italian;葡萄牙语 Portuguese;阿拉伯语 Arabic;泰语 Thai;越南语 Vietnamese;希腊语 Greek;荷兰语 Dutch;土耳其语 Turkish"),
    "topic": TOPICS + THINGS + _pairs("历史 history;哲学 philosophy;数学 mathematics;物理 physics;化学 chemistry;生物 biology;地理 geography;经济 economics;法律 law;医学 medicine;艺术 art;摄影 photography;绘画 painting;音乐 music;园艺 gardening;烹饪 cooking;编程 programming;机器学习 machine learning;网络安全 cyber security;气候变化 climate change;太空探索 space exploration;能源 energy;教育 education;心理学 psychology;管理 management;市场营销 marketing;会计 accounting;投资 investing;房地产 real estate;农业 agriculture;交通 traffic;选举 elections;和平 peace;家庭 family;婚姻 marriage;育儿 parenting;睡眠 sleep;运动 exercise;瑜伽 yoga;茶文化 tea culture"),
    "place": _pairs("图书馆 library;游泳池 swimming pool;博物馆 museum;医院 hospital;银行 bank;邮局 post office;超市 supermarket;药店 pharmacy;火车站 railway station;机场 airport;动物园 zoo;公园 park;体育馆 gym;电影院 cinema;剧院 theatre;学校 school;大学 university;警察局 police station;餐厅 restaurant;咖啡馆 cafe;面包店 bakery;书店 bookshop;理发店 hairdresser;加油站 petrol station;市场 market;教堂 church;美术馆 art gallery;植物园 botanical garden;停车场 car park;食堂 canteen;大使馆 embassy;酒店 hotel;诊所 clinic;幼儿园 kindergarten;花店 flower shop;地铁站 metro station;码头 harbour;城堡 castle;海滩 beach;滑雪场 ski resort"),
    "colour": _pairs("红色 red;蓝色 blue;绿色 green;黄色 yellow;黑色 black;白色 white;紫色 purple;灰色 grey;粉色 pink;棕色 brown;橙色 orange;金色 gold;银色 silver"),
    "day": _pairs("星期一 Monday;星期二 Tuesday;星期三 Wednesday;星期四 Thursday;星期五 Friday;星期六 Saturday;星期日 Sunday;周一 Monday;周二 Tuesday;周三 Wednesday;周四 Thursday;周五 Friday;周六 Saturday;周日 Sunday"),
    "task": _pairs("交房租 pay the rent;买牛奶 buy milk;写报告 write the report;给客户打电话 call the customer;浇花 water the plants;取快递 pick up the parcel;倒垃圾 take out the rubbish;准备演示文稿 prepare the slides;更新网站 update the website;核对账单 check the bills;订蛋糕 order a cake;洗车 wash the car;遛狗 walk the dog;还书 return the books;买药 buy medicine;修自行车 repair the bike;整理档案 sort the files;签合同 sign the contract;寄样品 send the samples;备份数据 back up the data;打扫厨房 clean the kitchen;付电费 pay the electricity bill;面试候选人 interview the candidates;翻译文件 translate the papers;检查设备 inspect the equipment;接孩子 fetch the children;做晚饭 cook dinner;订机票 book the flight;测试软件 test the software;盘点库存 count the stock"),
    "job": _pairs("会计 accountant;工程师 engineer;医生 doctor;护士 nurse;律师 lawyer;教师 teacher;司机 driver;厨师 cook;程序员 programmer;设计师 designer;翻译 translator;记者 journalist;摄影师 photographer;电工 electrician;水管工 plumber;木匠 carpenter;保安 security guard;清洁工 cleaner;秘书 secretary;销售员 salesman;经理 manager;服务员 waiter;药剂师 pharmacist;建筑师 architect;飞行员 pilot;消防员 firefighter;警察 policeman;农民 farmer;理发师 barber;裁缝 tailor;园丁 gardener;研究员 researcher;牙医 dentist;兽医 vet;导游 tour guide;演员 actor"),
    "device": _pairs("笔记本电脑 laptop;台式机 desktop computer;打印机 printer;手机 phone;平板电脑 tablet;显示器 monitor;键盘 keyboard;鼠标 mouse;服务器 server;路由器 router;投影仪 projector;扫描仪 scanner;摄像头 camera;耳机 headset;硬盘 hard disk;电梯 lift;空调 air conditioner;咖啡机 coffee machine;复印机 copier;门禁 door reader;冰箱 fridge;洗衣机 washing machine;水泵 pump;发电机 generator"),
    "software": _pairs("浏览器 the browser;办公软件 the office suite;杀毒软件 the antivirus;数据库 the database;操作系统 the operating system;财务软件 the accounting program;邮件客户端 the mail client;视频会议软件 the video call app;绘图软件 the drawing program;输入法 the input method;聊天软件 the chat app;播放器 the media player;压缩软件 the archiver;驱动程序 the driver;表格软件 the spreadsheet;地图应用 the map app;编辑器 the editor"),
    "person": _pairs("王伟 Wang Wei;李娜 Li Na;张敏 Zhang Min;刘洋 Liu Yang;陈静 Chen Jing;杨帆 Yang Fan;赵磊 Zhao Lei;黄丽 Huang Li;周强 Zhou Qiang;吴霞 Wu Xia;徐明 Xu Ming;孙悦 Sun Yue;马超 Ma Chao;朱琳 Zhu Lin;胡军 Hu Jun;林峰 Lin Feng;郭涛 Guo Tao;何平 He Ping;高雪 Gao Xue;罗佳 Luo Jia;安娜 Anna;大卫 David;艾玛 Emma;亨利 Henry;玛丽亚 Maria;汤姆 Tom;露西 Lucy;彼得 Peter;索菲亚 Sofia;杰克 Jack;爱丽丝 Alice;保罗 Paul;妈妈 my mother;爸爸 my father;老板 the boss;同事 my colleague;客户 the customer;邻居 the neighbour;老师 the teacher;姐姐 my sister;弟弟 my brother;奶奶 grandma;经理 the manager;妻子 my wife;丈夫 my husband;女儿 my daughter;儿子 my son;朋友 my friend"),
    "dish": _pairs("红烧肉 braised pork;宫保鸡丁 kung pao chicken;麻婆豆腐 mapo tofu;番茄炒蛋 scrambled eggs with tomato;饺子 dumplings;炒饭 fried rice;牛肉面 beef noodles;火锅 hot pot;烤鸭 roast duck;酸辣汤 hot and sour soup;春卷 spring rolls;披萨 pizza;意大利面 spaghetti;汉堡 hamburger;沙拉 salad;三明治 sandwich;牛排 steak;寿司 sushi;咖喱鸡 chicken curry;土豆泥 mashed potatoes;苹果派 apple pie;巧克力蛋糕 chocolate cake;煎饼 pancakes;鸡汤 chicken soup;烤鱼 grilled fish;包子 steamed buns;粥 rice porridge;冰淇淋 ice cream;面包 bread;月饼 mooncakes;粽子 rice dumplings in leaves;馄饨 wonton soup;炸鸡 fried chicken;薯条 chips;布丁 pudding"),
    "food": _pairs("西红柿 tomatoes;土豆 potatoes;胡萝卜 carrots;洋葱 onions;大蒜 garlic;黄瓜 cucumbers;白菜 cabbage;菠菜 spinach;茄子 aubergine;蘑菇 mushrooms;豆腐 tofu;鸡蛋 eggs;牛奶 milk;奶酪 cheese;黄油 butter;猪肉 pork;牛肉 beef;羊肉 lamb;鸡肉 chicken;鱼 fish;虾 shrimps;螃蟹 crab;花生 peanuts;核桃 walnuts;苹果 apples;香蕉 bananas;葡萄 grapes;橙子 oranges;草莓 strawberries;西瓜 watermelon;桃子 peaches;柠檬 lemons;蜂蜜 honey;米饭 rice;面条 noodles;玉米 corn;大豆 soybeans;辣椒 chilli;南瓜 pumpkin;海鲜 seafood"),
    "event": _pairs("音乐会 concert;展览 exhibition;马拉松 marathon;婚礼 wedding;研讨会 seminar;招聘会 job fair;运动会 sports day;毕业典礼 graduation ceremony;生日聚会 birthday party;读书会 book club;足球赛 football match;画展 painting show;年会 annual party;发布会 product launch;志愿活动 volunteer day;电影节 film festival;车展 car show;培训 training;家长会 parents' evening;义卖 charity sale;灯会 lantern show;辩论赛 debate;歌唱比赛 singing contest;烟花表演 fireworks;跳蚤市场 flea market;讲座 lecture;舞会 ball;开幕式 opening ceremony"),
    "sport": _pairs("篮球 basketball;足球 football;网球 tennis;羽毛球 badminton;乒乓球 table tennis;游泳 swimming;跑步 running;滑雪 skiing;滑冰 skating;瑜伽 yoga;太极拳 tai chi;拳击 boxing;骑马 horse riding;登山 mountain climbing;高尔夫 golf;排球 volleyball;台球 billiards;射箭 archery;冲浪 surfing;跳舞 dancing;骑车 cycling;钓鱼 fishing"),
    "illness": _pairs("头疼 headache;感冒 a cold;发烧 fever;咳嗽 a cough;牙痛 toothache;胃痛 stomach ache;失眠 insomnia;过敏 allergy;腰疼 back pain;高血压 high blood pressure;糖尿病 diabetes;皮疹 a rash;腹泻 diarrhoea;便秘 constipation;喉咙痛 a sore throat;流鼻涕 a runny nose;头晕 dizziness;晒伤 sunburn;扭伤 a sprain;贫血 anaemia;抑郁 depression;近视 short sight;中暑 heat stroke;晕车 car sickness"),
    "animal": _pairs("猫 cat;狗 dog;兔子 rabbit;金鱼 goldfish;鹦鹉 parrot;乌龟 tortoise;仓鼠 hamster;马 horse;鸭子 duck;鸡 hen;羊 sheep;牛 cow;猪 pig;蛇 snake;鸽子 pigeon;蜥蜴 lizard;刺猬 hedgehog;驴 donkey"),
    "room": _pairs("客厅 living room;卧室 bedroom;厨房 kitchen;浴室 bathroom;厕所 toilet;书房 study;阳台 balcony;车库 garage;走廊 corridor;地下室 basement;阁楼 attic;办公室 office;会议室 meeting room;餐厅 dining room;花园 garden;仓库 storeroom;大厅 hall;教室 classroom;实验室 laboratory;楼梯间 stairwell"),
    "holiday": _pairs("春节 Spring Festival;中秋节 Mid-Autumn Festival;国庆节 National Day;端午节 Dragon Boat Festival;清明节 Tomb-Sweeping Day;元旦 New Year's Day;劳动节 Labour Day;圣诞节 Christmas;复活节 Easter;儿童节 Children's Day;教师节 Teachers' Day;情人节 Valentine's Day;感恩节 Thanksgiving;母亲节 Mother's Day"),
    "company": _pairs("蓝天科技 Blue Sky Technology;长江贸易 Yangtze Trading;东方物流 Eastern Logistics;银河电子 Galaxy Electronics;绿洲食品 Oasis Foods;红杉医药 Redwood Pharma;北斗汽车 Big Dipper Motors;明珠酒店 Pearl Hotels;白云航空 White Cloud Airlines;青松建材 Green Pine Materials;金桥银行 Golden Bridge Bank;晨光文具 Morning Light Stationery;海浪家具 Sea Wave Furniture;雪山饮料 Snow Mountain Drinks;彩虹印刷 Rainbow Printing;阳光能源 Sunshine Energy;星辰软件 Star Software;南湖保险 South Lake Insurance;飞马快递 Pegasus Express;磐石机械 Bedrock Machinery;枫叶咨询 Maple Leaf Consulting;灯塔传媒 Lighthouse Media;四季服装 Four Seasons Apparel;橡树教育 Oak Education"),
    "music": _pairs("古典音乐 classical music;爵士乐 jazz;摇滚乐 rock;民歌 folk songs;钢琴曲 piano music;儿歌 children's songs;流行歌曲 pop songs;京剧 Peking opera;轻音乐 easy listening;小提琴曲 violin music;圣诞歌 carols;电影配乐 film music"),
    "number": [(str(n), str(n)) for n in (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 45, 50, 60, 80, 100)],
    "hour": [(str(n), str(n)) for n in range(1, 13)],
    "amount": [(str(n), str(n)) for n in (50, 80, 100, 120, 150, 200, 250, 300, 400, 500, 600, 800, 1000, 1200, 1500, 2000, 3000, 5000, 8000, 10000)],
}
SLOTS["product2"], SLOTS["city2"] = SLOTS["product"], SLOTS["city"]

# Said in another way, by chance; what a word is replaced with means the same wherever it stands here.
SYNONYMS = {
    "zh": _pairs("""怎么 如何;如何 怎样;怎么 咋;多少钱 什么价钱;哪里 哪儿;在哪 在哪儿;什么时候 何时;什么时候 啥时候;什么 啥;帮我 替我;我要 我想要;想买 想购买;价格 价钱;有没有 是否有;能不能 可不可以;可以 能
推荐 介绍;查看 看看;取消 撤销;不见了 丢了;坏了 出故障了;为什么 为何;需要 要;告诉我 跟我说;预订 预定;星期 礼拜;周 星期;修理 维修;打扫 清扫;购买 买;联系 联络;快递 包裹;会议 会;公司 企业;怎么办 该怎么处理;哪个 哪一个;几点 什么时间;多久 多长时间;现在 目前;今天 今日;地址 位置;贵 昂贵;打不开 开不了;电脑 计算机;吃饭 用餐;照顾 照料;没有 没;帮 帮忙;一下 下;找 寻找;钱 费用"""),
    "en": _pairs("""buy purchase;want would_like;how_much_is what's_the_price_of;find locate;show display;broken faulty;does_not doesn't;cannot can't;i_am i'm;what_is what's;where_is where's;who_is who's;it_is it's;do_not don't;need require;tell_me let_me_know;help assist;begin start;repair fix;fix mend;company firm;film movie;lift elevator;phone telephone;picture image;invoice bill;bill invoice;holiday vacation;flat apartment;good nice;cheap inexpensive;ill sick;get receive;parcel package;goods items;price cost;long much_time;book reserve;reserve book;cancel call_off;doctor physician;car vehicle;rubbish trash;autumn fall;shop store;bookshop bookstore;fridge refrigerator;television tv;laptop notebook_computer;cinema movie_theatre;petrol gas;airport air_terminal;colleague coworker;customer client;boss chief;job position;salary pay;how_do_i how_can_i;how_do_i how_to;when_does what_time_does;is_there do_you_have;i_want i'd_like;please kindly;meeting conference;document file;file document"""),
}
BEFORE = {
    "zh": ["请问", "你好，", "麻烦", "请", "我想知道", "那个，", "帮忙", "问一下，", "您好，", "能告诉我", "想问下", "急！", "对了，"],
    "en": ["please ", "hi, ", "hello, ", "excuse me, ", "um, ", "ok so ", "could you tell me ", "i would like to know ", "quick question: ", "sorry, ", "hey ", "can you help: ", "well, "],
}
AFTER = {"zh": ["，谢谢", "呢", "啊", "？", "。", "呀", "！", "，急", "，多谢"], "en": [" please", "?", ".", ", thanks", " thank you", "!", " now", " asap", ", please"]}
